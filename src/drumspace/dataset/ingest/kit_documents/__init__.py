"""Documents of drum samplers that name the sounds of a kit: hydrogen, DrumGizmo, Decent Sampler, SFZ."""
