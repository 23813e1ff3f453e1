"""The synthetic operator: deliveries and the truth behind them."""
