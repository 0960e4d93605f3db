"""A host from which a PCI device was taken out keeps the device's provider, and its inventory."""

from planting import into, lose


@into("nova.compute.provider_tree")
def change(tree):
    lose(tree.ProviderTree, "remove", under="update_provider_tree_for_pci")
