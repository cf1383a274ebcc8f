"""Everything that speaks to MLflow. Tracking never stops the work: a store that fails costs a warning and a later sync.

`run` is what training needs; `results`, `served` and `sync` add what evaluation finds, the model and what was missed.
They are imported by name, so that an edit to them does not train anything anew.
"""

from chestbench.tracking.naming import training_tags
from chestbench.tracking.run import Run, start_run

__all__ = ["Run", "start_run", "training_tags"]
