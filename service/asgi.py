"""What a server imports: the application for the settings of the environment."""

from litestar import Litestar

from service.app import create_app
from service.settings import Settings


def create() -> Litestar:
    """Build the application of this process."""
    return create_app(Settings.from_environment())
