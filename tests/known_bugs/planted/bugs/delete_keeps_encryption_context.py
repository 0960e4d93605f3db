"""A server with encrypted memory that was deleted still holds a context of its host."""

from planting import free_all_but, into


@into("nova.scheduler.client.report")
def change(report):
    free_all_but("MEM_ENCRYPTION_CONTEXT", report, under="_complete_deletion")
