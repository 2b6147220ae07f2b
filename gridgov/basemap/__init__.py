"""The base map of a provider, where the settings name one: its tiles come and go through this server alone."""
