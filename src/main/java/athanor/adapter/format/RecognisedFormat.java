package athanor.adapter.format;

import athanor.error.Problem;

/** A format that this version knows by name only. Its tensors are counted and refused. */
public abstract non-sealed class RecognisedFormat implements AdapterFormat {
  private final String label;

  /** A format of this name. */
  protected RecognisedFormat(String label) {
    this.label = label;
  }

  @Override
  public final String label() {
    return label;
  }

  /** What to do with a file that has it. */
  public String advice() {
    return "leave it out; a later version will merge it";
  }

  /** Why a module of it cannot be merged. */
  public final Problem refusal(ModuleTensors module) {
    return Problem.incompatible(label + " is not supported yet").at(module.place()).help(advice());
  }
}
