"""The volumes of one scenario, as Cinder knows them."""

from functools import partial

from stocktake.support.accounting.volumes import Volume
from stocktake.support.api import volumes as api
from stocktake.support.api.replies import none_if_missing
from stocktake.support.api.volumes import Volumes
from stocktake.support.scenario.state.owned import Owned
from stocktake.support.scenario.state.readings import Readings


class VolumeReader:
    """Reads the volumes that the scenario has introduced, each once after every action."""

    def __init__(self, volumes: Volumes, owned: Owned, readings: Readings):
        self._volumes, self._owned, self._readings = volumes, owned, readings

    def all(self) -> list[Volume]:
        """Return the volumes that still exist, under the feature's names; none where the cloud has no Cinder."""
        if not self._owned.volumes or not self._volumes.offered:
            return []
        read = [
            self._readings.last(("volume", volume_id), partial(self._read, name, volume_id))
            for name, volume_id in self._owned.volumes.items()
        ]
        return [volume for volumes in read for volume in volumes]

    def _read(self, name: str, volume_id: str) -> list[Volume]:
        """Return the volume if it exists, and what is left of moving it: Cinder moves a volume to a new one that has
        its name, exchanges their ids, and deletes the other one."""
        found = none_if_missing(lambda: self._volumes.get(volume_id))
        if found is None:
            return []
        same_name = self._volumes.all(name=found.name) if name in self._owned.retyped else []
        others = [volume for volume in same_name if volume.id != volume_id]
        return [self._with_attachments(name, volume) for volume in (found, *others)]

    def _with_attachments(self, name: str, found: api.Volume) -> Volume:
        attachments = tuple(self._volumes.attachments(found))
        shown = not found.hosts or any(found.hosts.values())
        return Volume(
            found.id,
            name,
            found.status,
            found.size,
            attachments,
            hosts_shown=shown,
            moving=found.moving,
            type=found.type,
        )
