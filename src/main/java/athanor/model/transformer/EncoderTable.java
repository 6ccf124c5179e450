package athanor.model.transformer;

import athanor.model.Component;
import athanor.model.block.Block;
import athanor.model.naming.ComponentNames;

/**
 * A text encoder that files may hold beside a transformer, with the names of Hugging Face.
 *
 * @param names what its names begin with
 * @param component which encoder it is
 * @param block what block weights call it
 * @param keys its keys
 */
record EncoderTable(ComponentNames names, Component component, Block block, KeyTable keys) {

  /** What its keys begin with. */
  String prefix() {
    return names.checkpoint().getFirst();
  }
}
