package athanor.model.sd;

import athanor.model.Component;
import athanor.model.naming.ComponentNames;

/**
 * A text encoder as a checkpoint stores it.
 *
 * @param component which encoder this is
 * @param names what LoRAs call it
 * @param root prefix of everything that belongs to it, such as {@code conditioner.embedders.1.}
 * @param layout spelling of its keys
 * @param body prefix of its layers, such as {@code conditioner.embedders.1.model.}
 */
record TextEncoder(
    Component component, ComponentNames names, String root, TextEncoderLayout layout, String body) {

  /** Whether its keys lack {@code text_model.}. */
  boolean hasOldNames() {
    return layout == TextEncoderLayout.HUGGING_FACE && !body.endsWith("text_model.");
  }
}
