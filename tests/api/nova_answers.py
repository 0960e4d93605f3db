"""What Nova answers about server "web" and what is done with it."""

from stocktake.support.api.compute.requests import BootRequest

WEB = BootRequest("web", "a-flavor")
NOVA = "/compute/v2.1"
SERVER = f"{NOVA}/servers/web-id"
ACTIONS = f"{SERVER}/os-instance-actions"
UP = {"id": "s-1", "host": "alpha", "binary": "nova-compute", "state": "up", "status": "enabled"}
NODE = {"id": "n-1", "hypervisor_hostname": "alpha.example", "service": {"host": "alpha"}, "vcpus_used": 3}


def asked_at(request):
    """The microversion of a request, None for the least."""
    return request.headers.get("OpenStack-API-Version", "compute ").removeprefix("compute ") or None


def server(name="web", **more):
    return {"id": f"{name}-id", "name": name, "status": "ACTIVE", **more}


def recorded(*actions):
    """A server's list of actions: ("resize", "req-1") …"""
    return {"instanceActions": [{"action": name, "request_id": request, "message": None} for name, request in actions]}


def request_id(text):
    return {"x-openstack-request-id": text}
