"""The store tablet: what a clerk does, standing, with one hand, in a hurry. Below /store/."""
