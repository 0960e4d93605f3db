"""An allocation ratio that an operator sets through Placement is overwritten when the periodic task runs.

No bug of one number: the contract by which a ratio that the configuration does not name is the operator's.
"""

from planting import into, replace


@into("nova.virt.driver")
def change(driver):
    replace(driver.ComputeDriver, "_get_allocation_ratios", initial_ratios)


def initial_ratios(original, *_args):
    """Answer as for a host that has no inventory yet."""
    return original({})
