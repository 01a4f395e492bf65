"""Our server serves suds, a client of other people in Python, with user name tokens in clear and as digests."""

import base64
import hashlib
import itertools
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from actors.clock import FastClock
from engine.gateways.carrier import Carrier
from engine.gateways.phone_network import SeededNetwork
from engine.gateways.soap_server import SoapServer
from tests.fakes import MONDAY_TEN

USER, PASSWORD = "oak", "open <sésame> & more"
LOG_S = 10
"""How long the log may take to show three calls that last half a minute on a clock 500 times faster than life."""
