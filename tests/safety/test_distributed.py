"""The command by which README distributes scenarios to other machines."""

import distributed


def test_workers_on_two_machines_share_a_cloud_through_etcd(shared_lab, tmp_path, unavailable):
    chosen = ("-k", "boot.feature and flavor")
    assert distributed.distribute(shared_lab, tmp_path, *chosen, unavailable=unavailable) == []
