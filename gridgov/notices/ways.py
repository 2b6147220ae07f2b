"""The ways out that the settings name. Owns the choice; each way owns its own settings."""

from __future__ import annotations

from gridgov.notices import sms
from gridgov.notices.channels import Channels
from gridgov.notices.mail import Server
from gridgov.notices.webhooks import Post
from gridgov.platform.settings import Settings


def chosen(settings: Settings) -> Channels:
    """What is set up; a channel that is not set stays out."""
    post = Post.chosen(settings)
    return Channels(
        webhook=post,
        mail=Server.chosen(settings),
        sms=sms.chosen(settings),
        hosts=post.allowed,
        link=settings.public_url,
    )
