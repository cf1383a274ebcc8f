"""CLAIM items on networks, training and evaluation (22 to 33, 42 and 43)."""

from chestbench.core.words import with_interval
from chestbench.reports.audits import SHORTCUTS
from chestbench.reports.claim_external import external_test
from chestbench.reports.claim_facts import Answer, ClaimFacts, filled, left_to_authors, partly
from chestbench.reports.markdown import escaped, facts, table

BALANCES = {
    "upsample": "images of smaller classes repeated in training until the classes are even, after the split",
    "class_weight": "classes weighted in the loss",
    "none": "none",
}


def answers(known: ClaimFacts) -> dict[int, Answer]:
    """Return the answers by item."""
    best = known.records[0]
    weights = sorted({record["training"]["weights"] for record in known.records})
    return {
        22: filled(*_networks(known)),
        23: filled(
            f"Python and Keras 3 on {escaped(best['training']['backend'])}; requirements.txt pins every package "
            "with its hash, and models/NAME/MODEL\\_CARD.md lists the versions that ran."
        ),
        24: filled(
            "Initial weights: "
            + ", ".join(
                "ImageNet (published file, checksum verified)" if name == "imagenet" else "random" for name in weights
            )
            + f". Seeds: {_seeds(known)}."
        ),
        25: filled(*_training(known)),
        26: filled(
            "Of each training the epoch with the lowest val loss is kept. Among the networks the one with the highest "
            f"balanced accuracy on val is chosen: {escaped(best['model'])}. Test chooses nothing.",
        ),
        27: filled("None: every network stands for itself."),
        28: filled(
            "Balanced accuracy (mean sensitivity over the classes) decides. Beside it: macro-F1, sensitivity, "
            "specificity, predictive values, F1, ROC-AUC and average precision per class (one against the rest), Brier "
            "score, calibration error, the confusion matrix; per image and per group. Formulas: "
            "docs/reference/measures.md.",
        ),
        29: filled(
            f"{best['bootstrap']['confidence']:.0%} intervals by the bootstrap, {best['bootstrap']['resamples']:,} "
            "resamples of whole groups. Networks against the chosen one: paired bootstrap on the same resamples, "
            "Holm-corrected; McNemar's exact test beside it (it takes the images of a patient as independent, so it "
            "does not decide).",
        ),
        30: partly("analyses beyond these.", *_robustness(known)),
        31: _explanations(known),
        32: filled(
            f"{best['test']['images']} test images in {best['test']['groups']} groups of the same data set, read once "
            "per network after training. Figures: item 37."
        ),
        33: external_test(known),
        42: filled(
            "The protocol is the code: dvc.yaml (stages), params.yaml (every parameter), dvc.lock (hash of every input "
            "and output), docs/architecture.md. Whether it was registered: item 34."
        ),
        43: partly(
            "where code and networks of this study can be had.",
            f"The pipeline is under Apache-2.0. Data: {escaped(known.config.dataset.licence)}. Networks: "
            "models/NAME/model.keras, made anew by `dvc repro`.",
        ),
    }


def _networks(known: ClaimFacts) -> list[str]:
    size = known.config.preprocess.size
    rows = [[record["model"], f"{record['training']['parameters']:,}"] for record in known.records]
    return [
        f"In: a grey image of {size} x {size} pixels. Out: a probability for each of "
        f"{len(known.records[0]['classes'])} classes. Every layer: "
        "results/models/NAME/architecture.txt and src/chestbench/models.",
        "",
        *table(["network", "parameters"], rows),
    ]


def _training(known: ClaimFacts) -> list[str]:
    train, balance = known.config.train, known.config.balance
    lines = facts(
        {
            "recipe": train.recipe,
            "epochs": f"{train.head_epochs} of the head, {train.epochs} of everything",
            "early stopping": f"after {train.patience} epochs without a better val loss" if train.patience else "none",
            "batch": train.batch_size,
            "learning rate": f"{train.learning_rate:g} ({train.schedule})",
            "weight decay": f"{train.weight_decay:g}",
            "label smoothing": train.label_smoothing,
            "dropout": train.dropout,
            "augmentation": train.augment,
            "class balance": BALANCES[known.config.balance],
            "train images per class": ", ".join(
                f"{name} {known.upsample['before'][name]}" + (f" (read {after})" if balance == "upsample" else "")
                for name, after in known.upsample["after"].items()
            ),
            "shuffled labels (a control)": "YES" if train.random_labels else None,
        }
    )
    rows = [
        [record["model"], *(record["training"][key] for key in ("epochs_run", "best_epoch"))]
        for record in known.records
    ]
    # What a clock or a machine says would change this file with every repetition of the same training.
    where = "Time, energy, device and versions of each training: models/NAME/MODEL\\_CARD.md."
    return [*lines, "", *table(["network", "epochs", "best epoch"], rows), "", where]


def _seeds(known: ClaimFacts) -> str:
    seeds = {record["training"]["seed"] for record in known.records}
    for record in known.records:
        seeds |= set(record.get("seeds", {}).get("seeds", ()))
    return ", ".join(str(seed) for seed in sorted(seeds))


def _robustness(known: ClaimFacts) -> list[str]:
    regression = known.baselines["logistic_regression"]["test"]["balanced_accuracy"]["value"]
    lines = [
        "Baselines in the same table: the commonest class, and a logistic regression on 32 x 32 pixels (balanced "
        f"accuracy {'undefined' if regression is None else f'{regression:.3f}'})."
    ]
    for name, found in known.audit.get("shortcuts", {}).items():
        why = f" ({found['not_judged']})" if found.get("not_judged") else ""
        lines.append(
            escaped(f"Labels told by {SHORTCUTS.get(name, name)} alone: AUC {with_interval(found['auc'])}{why}.")
        )
    several = [record["model"] for record in known.records if "seeds" in record]
    lines.append(
        f"Trained with several seeds: {escaped(', '.join(several))}."
        if several
        else "One seed: the spread over trainings is not known."
    )
    return [" ".join(lines)]


def _explanations(known: ClaimFacts) -> Answer:
    if not known.config.evaluate.gradcam_images:
        return left_to_authors("no heat maps were drawn (evaluate.gradcam_images is 0).")
    return partly(
        "what they show here.",
        "Heat maps (Grad-CAM times input differences) of right and wrong answers: results/models/NAME/gradcam.png. "
        "Validated on synthetic pictures whose findings are known (benchmarks/heat.py), not on real ones.",
    )
