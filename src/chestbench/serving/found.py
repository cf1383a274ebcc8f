"""Where a network lies on this machine: a training of the repository, or a folder that MLflow wrote."""

from dataclasses import dataclass
from pathlib import Path

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, sha256_file
from chestbench.core.positive import read_positive
from chestbench.serving.description import ARRAYS, DESCRIPTION, MODEL, Description, describe
from chestbench.serving.network import Network

# What training.json calls the task of a detector.
TRAINING, DETECT = "training.json", "detect"


@dataclass(frozen=True)
class Found:
    """A network that can be loaded.

    Attributes:
        described: what it is.
        model_file: model.keras.
        reference: reference.npz, None where there is none.
        where: the folder, for people.
    """

    described: Description
    model_file: Path
    reference: Path | None
    where: Path

    def load(self) -> Network:
        """Load it; see `Network`."""
        return Network(self.described, self.model_file, self.reference)

    def words(self) -> str:
        """Return what is loaded, in a line."""
        known = self.described
        synthetic = ", synthetic pictures" if known.synthetic else ""
        return (
            f"network {known.model} of {known.dataset} ({known.modality}{synthetic}; {', '.join(known.classes)}), "
            f"from {self.where}, SHA-256 {sha256_file(self.model_file)[:16]}"
        )


def chosen_network(root: Path) -> str:
    """Return the network that `compare` chose on val, or the only one there is.

    Raises:
        ChestbenchError: there is none, or several and no choice yet.
    """
    names = network_names(root)
    summary = root / "metrics" / "summary.json"
    winner = str(read_json(summary).get("winner")) if summary.is_file() else ""
    if winner in names:
        return winner
    if len(names) == 1:
        return names[0]
    received = f"several ({', '.join(names)}) and no comparison of them" if names else "none"
    if not names and (detectors := _names(root, detectors=True)):
        raise ChestbenchError(
            f"--model: expected a trained network for classes in models/, received detectors alone "
            f"({', '.join(detectors)}); ask one with `chestbench predict --detector {detectors[0]} PATH --out FOLDER`"
        )
    raise ChestbenchError(
        f"--model: expected a trained network in models/, received {received}; name one with --model, or run "
        "`make repro`"
    )


def find_network(wanted: str, root: Path) -> Found:
    """Return the network of a name or a path.

    Args:
        wanted: NAME of models/NAME, or a path: of such a folder, of one that MLflow wrote, or of the model.keras in it.
        root: the repository.

    Raises:
        ChestbenchError: there is none, or it lacks what says how it is read.
    """
    folder = root / "models" / wanted if "/" not in wanted and (root / "models" / wanted).is_dir() else Path(wanted)
    if folder.is_file() and folder.name == MODEL:
        folder = folder.parent
    elif folder.is_file():
        raise ChestbenchError(
            f"--model: expected a folder with {MODEL} and what says how it is read, received the file {wanted!r}; name "
            "its folder"
        )
    if not folder.is_dir():
        names = ", ".join(network_names(root)) or "none"
        raise ChestbenchError(
            f"--model: expected a network of models/ ({names}), a folder or models:/NAME/VERSION, received {wanted!r}, "
            "where there is nothing; correct it"
        )
    folder = folder / "data" / "served" if (folder / "MLmodel").is_file() else folder
    if not (folder / MODEL).is_file():
        raise ChestbenchError(f"{folder}: expected {MODEL} in it, found none; name the folder of a trained network")
    if (folder / DESCRIPTION).is_file():
        arrays, told = folder / ARRAYS, read_json(folder / DESCRIPTION)
        if isinstance(told, dict) and told.get("task") == DETECT:
            raise ChestbenchError(
                f"--model: expected a network for classes, received the detector {told.get('model')}, which draws "
                "boxes; ask it with `chestbench predict --detector models:/NAME/VERSION PATH --out FOLDER`"
            )
        described = Description.from_json(told, str(folder))
        return Found(described, folder / MODEL, arrays if arrays.is_file() else None, folder)
    if (folder / TRAINING).is_file():
        return _of_training(folder)
    raise ChestbenchError(
        f"{folder}: expected {TRAINING} or {DESCRIPTION} beside {MODEL}, found neither: nothing says which "
        "classes it has and how pictures are prepared; take a model that `dvc repro` or MLflow wrote"
    )


def _of_training(folder: Path) -> Found:
    training, root = read_json(folder / TRAINING), folder.absolute().parent.parent
    if not isinstance(training, dict):
        raise _no_record(folder, "no object")
    if training.get("task") == DETECT:
        name = folder.absolute().name
        raise ChestbenchError(
            f"--model: expected a network for classes, received the detector {name}, which draws boxes; ask it with "
            f"`chestbench predict --detector {name} PATH --out FOLDER`"
        )
    metrics = root / "metrics" / "models" / f"{folder.absolute().name}.json"
    results = root / "results" / "models" / folder.absolute().name
    record = read_json(metrics) if metrics.is_file() else None
    if record is not None and record.get("run_key") != training.get("run_key"):
        raise ChestbenchError(
            f"{metrics}: expected the measures of the training in {folder}, received those of another; run `dvc repro`"
        )
    reference = results / "reference.json"
    has_reference = record is not None and reference.is_file() and (results / ARRAYS).is_file()
    known = read_json(reference) if has_reference else None
    try:
        told = describe(training, read_positive(record).name if record else None, record, known)
    except KeyError as error:
        raise _no_record(folder, f"one without {error}") from None
    except (TypeError, AttributeError):
        raise _no_record(folder, "one of other content") from None
    return Found(
        Description.from_json(told, str(folder)), folder / MODEL, results / ARRAYS if has_reference else None, folder
    )


def network_names(root: Path) -> list[str]:
    """Return the trained networks for classes in models/."""
    return _names(root, detectors=False)


def _names(root: Path, detectors: bool) -> list[str]:
    found = sorted(path.parent for path in root.glob(f"models/*/{MODEL}"))
    return [folder.name for folder in found if _is_detector(folder / TRAINING) == detectors]


def _is_detector(path: Path) -> bool:
    training = read_json(path) if path.is_file() else None
    return isinstance(training, dict) and training.get("task") == DETECT


def _no_record(folder: Path, received: str) -> ChestbenchError:
    return ChestbenchError(
        f"{folder / TRAINING}: expected the record of a training, received {received}; run `dvc repro`"
    )
