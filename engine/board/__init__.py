"""What readers see: the state of every chain and job, folded from the journal's blocks."""

from engine.board.board import Board

__all__ = ["Board"]
