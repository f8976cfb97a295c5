"""What watches the cluster: alerting and recording rules, and where Alertmanager sends what they raise."""
