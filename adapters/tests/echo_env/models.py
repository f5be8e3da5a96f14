from datetime import datetime
from enum import Enum

from openenv.core.env_server.types import Action, Observation
from pydantic import BaseModel, computed_field


class Tone(str, Enum):
    PLAIN = "plain"
    LOUD = "loud"


class Place(BaseModel):
    row: int
    column: int


class EchoAction(Action):
    message: str
    tone: Tone = Tone.PLAIN


class EchoObservation(Observation):
    text: str = ""
    place: Place | None = None
    at: datetime | None = None

    @computed_field
    @property
    def length(self) -> int:
        return len(self.text)


class OtherAction(Action):
    number: int
