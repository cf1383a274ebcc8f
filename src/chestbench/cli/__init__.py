"""The sub-commands of `chestbench`: one module each, with `main(arguments) -> exit status`."""
