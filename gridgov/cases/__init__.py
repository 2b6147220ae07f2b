"""Cases: from the report to the end, with clocks, whistle and answer."""
