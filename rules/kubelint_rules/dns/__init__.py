"""Rules on the cluster's DNS."""
