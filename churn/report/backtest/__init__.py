"""The report of a backtest as one HTML page, of the same parts as that of a night."""
