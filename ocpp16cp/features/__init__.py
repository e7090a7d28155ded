"""One folder for each thing a charge point can do; `charge_point.FEATURES` lists them from high to low."""
