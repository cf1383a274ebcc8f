"""What machines are told of a member: made of the plan and of the place that was chosen."""

import os

from chestbench.grid.clones import Source
from chestbench.grid.data_stages import Files
from chestbench.grid.elsewhere import Carried, carried
from chestbench.grid.events import Member, Plan
from chestbench.grid.limits import Limits
from chestbench.grid.planning import person_of
from chestbench.grid.storage import Place
from chestbench.grid.surroundings import surroundings
from chestbench.grid.worker import Job, machine

# Passed on to other machines, where somebody has set them.
_VARIABLES = (
    *("OMP_NUM_THREADS", "KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL", "XLA_FLAGS"),
    *("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"),
)


class Jobs:
    """Makes jobs of members.

    Args:
        plan: of the grid.
        place: how machines get what they need.
        is_own: whether Ray was started for this grid.
    """

    def __init__(self, plan: Plan, place: Place, is_own: bool) -> None:
        self._plan, self._place = plan, place
        self._head_process = os.getpid() if is_own else 0
        self._person, self._surroundings = person_of(plan.root), surroundings()
        self._carried: dict[str, Carried] = {}

    def source(self, member: Member, files: Files = ()) -> Source:
        """Return what clones of a member are made of on this machine."""
        tree = self._plan.tree
        return Source(
            folder=self._plan.root,
            commit=tree.commit,
            tree=member.queued or tree.tree,
            files=files,
            config=self._place.config,
            person=self._person,
        )

    def job(self, member: Member, files: Files) -> Job:
        """Return what a machine is told of a member."""
        settings, source = self._plan.settings, self.source(member, files)
        return Job(
            name=member.name,
            overrides=member.overrides,
            composes=not member.queued,
            dataset=member.values["dataset"]["name"],
            source=source,
            root=self._plan.root,
            carried=self._packed(source) if self._place.remote else None,
            store=served(),
            own_store=self.store(),
            head=machine(),
            head_process=self._head_process,
            limits=Limits(settings.time_limit, settings.memory_limit),
            surroundings=self._surroundings,
            variables={name: os.environ[name] for name in _VARIABLES if name in os.environ},
        )

    def store(self) -> str:
        """Return the address of MLflow's store for this machine; "": the database in the repository."""
        return os.environ.get("MLFLOW_TRACKING_URI", "")

    def _packed(self, source: Source) -> Carried:
        if source.tree not in self._carried:
            self._carried[source.tree] = carried(source, self._place.remote)
        return self._carried[source.tree]


def served() -> str:
    """Return the address of an MLflow that every machine reaches, "" where there is none."""
    address = os.environ.get("MLFLOW_TRACKING_URI", "")
    return address if not address.startswith(("sqlite:", "file:")) else ""
