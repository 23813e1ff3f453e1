"""``churn workspace``: keeping house in what a deployment has made."""
