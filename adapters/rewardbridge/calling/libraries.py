"""The installed library that an adapter calls."""

from importlib.metadata import PackageNotFoundError, version

from rewardbridge.catalogue import BUILT_IN
from rewardbridge.seam import LoadRefused


def library_of(adapter: str) -> tuple[str, str]:
    """Name and version of the distribution, for :class:`rewardbridge.seam.Description`.

    :raises LoadRefused: when it is not installed.
    """
    about = BUILT_IN[adapter]
    name = about.distributions[0]
    try:
        return name, version(name)
    except PackageNotFoundError as error:
        raise LoadRefused(
            f"{about.library} is not installed",
            hint=f"rewardbridge env create NAME --for {adapter} makes an environment with it",
        ) from error
