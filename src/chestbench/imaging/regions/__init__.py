"""The part of a picture that is kept: the patient's body, the lungs, or a mask that came with the picture."""
