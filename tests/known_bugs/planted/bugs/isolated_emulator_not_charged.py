"""The CPU that isolates a server's emulator threads is not charged."""

from planting import into, lose


@into("nova.scheduler.utils")
def change(utils):
    lose(utils.hardware, "get_emulator_thread_policy_constraint", by="_translate_pinning_policies")
