"""Arrays in, numbers out: metrics, intervals, profit, the gate."""
