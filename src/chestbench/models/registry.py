"""Every network by name: the files of `chestbench.models.networks`, of which only the one asked for is imported.

How to add a network: docs/how-to.md.

>>> [name for name in known_names() if name.startswith("resnet50")]
['resnet50', 'resnet50v2']
>>> get("resnet50v2").image_size
224
"""

from chestbench.models import networks
from chestbench.models.entries import Entries
from chestbench.models.network import Network

_NETWORKS = Entries(networks, Network, "NETWORK", "network", "model.variants")
known_names, get, check_names = _NETWORKS.known_names, _NETWORKS.get, _NETWORKS.check_names
