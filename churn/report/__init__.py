"""What people open: the workbook and the lists."""
