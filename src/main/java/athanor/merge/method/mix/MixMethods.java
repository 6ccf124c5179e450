package athanor.merge.method.mix;

import athanor.merge.method.MethodList;
import athanor.merge.method.MixMethod;
import java.util.List;

/** The methods that make a checkpoint of several, or of one and LoRAs. */
public final class MixMethods {
  /** All of them; the first is the one for users who say nothing. */
  public static final MethodList<MixMethod> LIST =
      new MethodList<>(
          List.of(
              Sum.DESCRIPTION,
              SumTwice.DESCRIPTION,
              TrainDifference.DESCRIPTION,
              SmoothAdd.DESCRIPTION,
              CosineA.DESCRIPTION,
              CosineB.DESCRIPTION,
              Slerp.DESCRIPTION,
              Karcher.DESCRIPTION,
              Geometric.DESCRIPTION,
              ModelStock.DESCRIPTION,
              Ties.DESCRIPTION,
              Dare.DESCRIPTION,
              Della.DESCRIPTION,
              Breadcrumbs.DESCRIPTION));

  private MixMethods() {}
}
