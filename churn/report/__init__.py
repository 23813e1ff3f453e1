"""Hand-outs: workbooks, page, flat files, manifest; as bytes that never change by the day."""
