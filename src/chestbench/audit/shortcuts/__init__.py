"""Whether something other than the lungs tells the class: file properties, and pictures with the lungs blacked out."""
