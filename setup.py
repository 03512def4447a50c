"""What pyproject.toml can't say of the build: the wheel has the plan of the house in it."""

from setuptools import setup
from setuptools.command.build_py import build_py


class WithPlan(build_py):
    """Copies pyproject.toml into the package, where `spindel.kit.house` looks for it."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            self.copy_file("pyproject.toml", f"{self.build_lib}/spindel/pyproject.toml")


setup(cmdclass={"build_py": WithPlan})
