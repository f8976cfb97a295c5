"""Rules about the control plane: etcd and its quorum, upgrades, reboots, snapshots."""
