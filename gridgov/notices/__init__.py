"""Who is told of what happened: in the platform, by signed webhook, by mail, by short message."""
