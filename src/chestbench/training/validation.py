"""How well a network does on val between two epochs."""

import keras
import numpy as np

from chestbench.training.predict import predict


def validate(
    model: keras.Model, images: np.ndarray, labels: np.ndarray, batch_size: int, balanced: bool
) -> dict[str, float]:
    """Return val_loss (mean negative log-likelihood), val_accuracy and val_balanced_accuracy.

    Args:
        model: images to probabilities.
        images: (V, ...).
        labels: int (V,).
        batch_size: images per step.
        balanced: every class has the same say in val_loss, as in a training that balances its classes. With the
            natural say, 13 to 1, the best epoch of such a training would be the one that has learnt the least.
    """
    probabilities = predict(model, images, batch_size).astype(np.float64)
    likelihood = probabilities[np.arange(len(labels)), labels]
    # A row that is not finite anywhere makes the loss NaN, also where the probability of its own class is finite.
    losses = np.where(np.isfinite(probabilities).all(axis=1), -np.log(np.maximum(likelihood, 1e-7)), np.nan)
    correct = probabilities.argmax(axis=1) == labels
    per_class = [losses[labels == label].mean() for label in np.unique(labels)]
    return {
        "val_loss": float(np.mean(per_class) if balanced else losses.mean()),
        "val_accuracy": float(correct.mean()),
        "val_balanced_accuracy": float(np.mean([correct[labels == label].mean() for label in np.unique(labels)])),
    }
