"""baselines: what needs no deep network: the commonest class, and a logistic regression on 32 x 32 pixels.

Reads data/processed/ (fits on train, chooses on val); writes metrics/baselines.json and results/baselines/.
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.notice import tiny_note
from chestbench.core.stage import run_stage
from chestbench.core.words import measured
from chestbench.evaluation.baselines import Settings, write_baselines
from chestbench.preparation.arrays import load_info


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Fit, predict and judge."""
    processed = Path("data/processed")
    settings = Settings(config.balance, config.seed, config.evaluate.bootstrap, config.evaluate.confidence)
    results, metrics = Path("results/baselines"), Path("metrics/baselines.json")
    regression = write_baselines(processed, settings, results, metrics)["logistic_regression"]
    chosen, test = regression["settings"], regression["test"]
    used = f"{chosen['train_images_used']} of {chosen['train_images']} training images"
    info = load_info(processed)
    banner = f"{tiny_note(info)}\n" if info.get("tiny") else ""
    return (
        f"{banner}logistic regression on {chosen['pixels']} pixels, C {chosen['C']:g} chosen on val, fitted on {used}: "
        f"test {measured(test, 'balanced_accuracy', 'macro_auc')}\n"
        f"wrote {results} and {metrics}"
    )


if __name__ == "__main__":
    run_stage(work, __doc__)
