"""Hosts with Nova's own libvirt driver, over the fake libvirt library that Nova's wheel has for its tests.

Import only `profiles` before the first such host: the rest loads the driver.
"""
