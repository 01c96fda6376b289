"""Parameter sets as files and rows: the set, the predictor's parameters, and where they come from, in one JSON text.

`engine.parameters.ParameterSet.from_json` reads the text as it is; what it does not know it leaves alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.parameters import ParameterError, ParameterSet
from engine.predictor import PredictorError, PredictorParameters

if TYPE_CHECKING:
    from engine.fitting.bkt import Priors
    from engine.fitting.parameter_set import Fitted
    from engine.fitting.responses import Responses


@dataclass(frozen=True)
class ParameterDocument:
    """A parameter set with the predictor that was fitted with it, and where both come from.

    Attributes:
        parameters: for the tutor; its version names the document.
        predictor: None in documents that no fit made.
        provenance: data window and hash, priors, backend, hold-out figures.
    """

    parameters: ParameterSet
    predictor: PredictorParameters | None
    provenance: Mapping[str, Any]

    def to_json(self) -> str:
        """One JSON text."""
        data = json.loads(self.parameters.to_json())
        if self.predictor is not None and self.parameters.predictor is None:
            data["predictor"] = json.loads(self.predictor.to_json())
        return json.dumps({**data, "provenance": self.provenance}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ParameterDocument:
        """Read what `to_json` wrote, or a bare parameter set.

        Raises:
            ParameterError: it can't be read, or was changed by hand.
        """
        parameters = ParameterSet.from_json(text)
        data = json.loads(text)
        try:
            # One that leads stands in the set itself.
            predictor = parameters.predictor
            if "predictor" in data:
                predictor = PredictorParameters.from_json(json.dumps(data["predictor"]))
        except PredictorError as error:
            raise ParameterError(str(error)) from error
        return cls(parameters, predictor, data.get("provenance", {}))


def provenance(fitted: Fitted, responses: Responses, priors: Priors, backend: str, now: datetime) -> dict[str, Any]:
    """Where a fitted set comes from, as its document tells it."""
    hours = responses.hours
    window = None if hours is None else [_moment(float(hours.min())), _moment(float(hours.max()))]
    return {
        "fitted_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "backend": backend,
        "data": {
            "responses": len(responses),
            "learners": len(responses.learners),
            "items": len(responses.items),
            "skills": len(responses.skills),
            "window": window,
            "sha256": data_hash(responses),
        },
        "priors": asdict(priors),
        "held_out": {
            "responses": fitted.held_out_responses,
            "models": {name: asdict(scores) for name, scores in fitted.held_out.items()},
            "log_loss_beside_live": {name: list(pair) for name, pair in fitted.against.items()},
            "not_worse": fitted.not_worse,
            "leading": asdict(fitted.leading) if fitted.leading.answers else None,
        },
    }


def data_hash(responses: Responses) -> str:
    """The same for the same responses, whatever the file that brought them."""
    digest = hashlib.sha256()
    for names in (responses.learners, responses.items, responses.skills, responses.formats):
        digest.update("\x1f".join(names).encode())
    for column in (responses.learner, responses.item, responses.right, responses.skill_start, responses.skill):
        digest.update(column.tobytes())
    if responses.hours is not None:
        digest.update(responses.hours.tobytes())
    return digest.hexdigest()


def _moment(hours: float) -> str:
    try:
        return datetime.fromtimestamp(hours * 3600.0, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return f"{hours:.1f} h"
