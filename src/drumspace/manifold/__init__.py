"""Maps of the sounds, and labels that spread over them."""
