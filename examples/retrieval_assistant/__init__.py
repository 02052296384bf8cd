"""An assistant that answers from documents."""
