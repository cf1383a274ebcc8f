"""Every detector by name: the files of `chestbench.models.detectors`, of which only the one asked for is imported.

>>> [name for name in known_names() if name.startswith("fcos_resnet50")]
['fcos_resnet50', 'fcos_resnet50v2']
>>> get("fcos_tiny").body.name
'tiny'
"""

from chestbench.models import detectors
from chestbench.models.detection.detector import Detector
from chestbench.models.entries import Entries

_DETECTORS = Entries(detectors, Detector, "DETECTOR", "detector", "detector.variants")
known_names, get, check_names = _DETECTORS.known_names, _DETECTORS.get, _DETECTORS.check_names
