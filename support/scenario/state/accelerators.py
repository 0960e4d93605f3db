"""Cyborg's requests for the accelerators of one scenario."""

from stocktake.support.api.accelerators import AcceleratorRequest, Accelerators
from stocktake.support.scenario.state.owned import Owned
from stocktake.support.scenario.state.readings import Readings


class AcceleratorReader:
    """Reads the requests that were made of the scenario's device profiles, once after every action."""

    def __init__(self, accelerators: Accelerators, owned: Owned, readings: Readings):
        self._accelerators, self._owned, self._readings = accelerators, owned, readings

    def all(self) -> list[AcceleratorRequest]:
        """Return the requests, those for no server included; none if the scenario has no device profile."""
        profiles = {profile.name for profile in self._owned.device_profiles.values()}
        if not profiles:
            return []
        listed = self._readings.last("accelerator requests", self._accelerators.requests)
        return [request for request in listed if request.profile in profiles]
