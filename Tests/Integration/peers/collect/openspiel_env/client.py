"""Stands where `openenv collect` looks for its first family of environments; the client is the generic one."""

from openenv import GenericEnvClient as OpenSpielEnv

__all__ = ["OpenSpielEnv"]
