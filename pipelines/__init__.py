"""The application: one readable recipe per command, over the library in ``churn``."""
