"""A volume whose attachment Cinder failed to delete is in use again."""

from planting import into, replace


@into("nova.virt.block_device")
def change(block_device):
    def rolling_back(original, self, context, instance, volume_api, *arguments):
        try:
            return original(self, context, instance, volume_api, *arguments)
        except Exception:
            volume_api.roll_detaching(context, self.volume_id)
            raise

    replace(block_device.DriverVolumeBlockDevice, "_do_detach", rolling_back)
