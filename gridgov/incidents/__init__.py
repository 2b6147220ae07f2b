"""Incidents: taking reports so that nothing is lost or doubled, and showing them."""
