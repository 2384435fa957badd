"""Control: decisions before calls, reservations in flight, stops, and what is told when budgets are nearly spent."""

from collector.control.api import control_routes
from collector.control.control import Control

__all__ = ["Control", "control_routes"]
