"""Client of aiml042, the model-performance monitor."""

from aiml042.client import Aiml042Error, MonitoringClient

__all__ = ["Aiml042Error", "MonitoringClient"]
__version__ = "0.1.0"
